"""The way of an alert: rules, schedule, evaluation, state machine, events, silences, grouping, notifiers."""
