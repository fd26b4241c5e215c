module leakgate/harness

go 1.21
