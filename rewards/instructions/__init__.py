"""Checks whether a response does what its instructions say: IFEval, IFBench and the IF-RLVR training constraints."""
