module example.com/bazel-example

go 1.21
