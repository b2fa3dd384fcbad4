"""How well the committed models read: the sets that are measured, the curves, and the texts and figures made of them.

Every picture goes through the reader as in serving; nothing measured here was trained on. Needs no torch.
"""
