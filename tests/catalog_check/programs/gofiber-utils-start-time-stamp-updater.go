//leakgate:module github.com/gofiber/utils/v2@v2.0.0-beta.7

package main

import "github.com/gofiber/utils/v2"

func start() { utils.StartTimeStampUpdater() }
