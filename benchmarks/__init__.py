"""What `./run bench` runs: one module per published figure. A leading underscore marks shared parts."""
