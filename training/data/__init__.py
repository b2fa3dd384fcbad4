"""Loaders of the data sets: files of a folder that the caller names, checked, into frozen values of numpy. No torch.

``sources`` knows the files, their digests and licences; ``mnist``, ``digits``, ``unipen``, ``orand`` and ``checks``
read them; ``splits`` keeps the writers of training and measuring apart.
"""
