"""Sentence grammars that training speech is made from; no external text is used."""
