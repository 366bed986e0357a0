"""Which alerts are told together, and when: pure functions of a group, what happened and the time."""
