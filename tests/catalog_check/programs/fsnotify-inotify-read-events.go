//leakgate:module github.com/fsnotify/fsnotify@v1.8.0

package main

import "github.com/fsnotify/fsnotify"

func start() {
	_, err := fsnotify.NewWatcher()
	must(err)
}
