"""The command line: one file a command group, each a thin layer over the library.

Command modules import the engines inside their functions, so that ``--help`` stays quick.
"""
