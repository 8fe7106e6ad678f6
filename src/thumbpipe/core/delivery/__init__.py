"""What happens to a photo after it was stored, overwritten or deleted, whatever repeats, overtakes or gets lost."""
