#!/bin/sh
# Pulls and indexes what is missing, then serves the console on the container's own network.
set -e
ragstone models pull
ragstone index build --missing
exec ragstone console --host 0.0.0.0
