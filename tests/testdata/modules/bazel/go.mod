module example.com/bazel

go 1.21
