"""Checks whether a response does what its instructions say: those of IFEval, IFBench and IF-RLVR's training."""
