"""Figures of one's own: what functions of somebody's draw, as models without data and the data that fills them."""
