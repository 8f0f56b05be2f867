"""Speech in: voice activity, endpointing and recognisers."""
