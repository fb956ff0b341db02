"""Texts and files to episodes: MMToM-QA questions, the study's lines, scene graphs."""
