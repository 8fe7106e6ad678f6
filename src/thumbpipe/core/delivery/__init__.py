"""What happens to a photo once it is stored, replaced or deleted, even if events repeat or arrive out of order."""
