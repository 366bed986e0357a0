"""The way of an alert: rules → schedule → evaluation → machine → events → silences, inhibition → grouping → notifiers."""
