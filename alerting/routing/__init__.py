"""Where an alert goes, and what keeps it from being told: matchers, policy, mute timings, silences, inhibitions."""
