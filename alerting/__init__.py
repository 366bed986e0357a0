"""Alert rules and what becomes of them: state machine, evaluation, routing, notification."""
