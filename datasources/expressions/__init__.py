"""Expressions over the answers of other targets: math, reduce, resample, threshold. Pure."""
