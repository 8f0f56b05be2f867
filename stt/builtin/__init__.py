"""The recogniser that comes with the program: a small streaming CTC network, no download needed."""
