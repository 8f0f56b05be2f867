"""How the built-in recogniser is made: grammar, synthesis, augmentation, training, evaluation."""
