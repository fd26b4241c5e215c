//leakgate:module github.com/gofiber/fiber/v2@v2.52.15

package main

import "github.com/gofiber/fiber/v2/utils"

func start() { utils.StartTimeStampUpdater() }
