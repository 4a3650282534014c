"""Cases, scorers, runs, statistics, the gate and its reports. The system does not know that it is measured."""
