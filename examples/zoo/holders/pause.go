package holders

import "time"

func pause() { time.Sleep(time.Millisecond) }
