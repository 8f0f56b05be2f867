"""Ways to open a door, behind the seam ``conversation/door.py``."""
