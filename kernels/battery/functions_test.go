package battery

import "flag"

var exhaustive = flag.Bool("exhaustive", false, "run TestFunctions on all inputs, or as -stride says")
