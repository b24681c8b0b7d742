package doctor

import (
	"context"
	"errors"
	"fmt"
)

// Memory looks whether there is as much as a node promises: jobs at once of at most each bytes.
func Memory(jobs int, each uint64) Look {
	const name = "memory"
	return func(context.Context) []Finding {
		all, free, err := memory()
		if errors.Is(err, errors.ErrUnsupported) {
			return []Finding{unchecked(name, "how much there is cannot be told here")}
		}
		if err != nil {
			return []Finding{bad(name, "is /proc mounted?", "%v", err)}
		}
		return []Finding{enough(jobs, each, all, free)}
	}
}

func enough(jobs int, each, all, free uint64) Finding {
	const name = "memory"
	text := fmt.Sprintf("%s, %s of it free; %d jobs of at most %s", size(all), size(free), jobs, size(each))
	if each > all || uint64(jobs) > all/max(each, 1) {
		fits := max(1, all*8/10/uint64(max(jobs, 1)))
		return bad(name, fmt.Sprintf("give --memory %d, or fewer --jobs", fits), "%s are more than there is", text)
	}
	return ok(name, "%s fit", text)
}
