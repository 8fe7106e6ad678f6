"""The demo: the whole pipeline on real photos, shown as it happens."""
