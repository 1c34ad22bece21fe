package zaplog

import (
	"fmt"
	"os"

	"github.com/tutorflow/observability/internal/stdio"
)

// Stdout returns a duplicate of the standard output for New. The Go runtime
// ends a process that writes to a closed pipe through descriptor 1 or 2; with
// the duplicate the write fails instead and the lines are counted as lost.
// The caller closes it, unless New takes it over. On systems without
// descriptors to duplicate it is os.Stdout itself.
func Stdout() (*os.File, error) {
	f, err := stdio.Duplicate(os.Stdout)
	if err != nil {
		return nil, fmt.Errorf("duplicate stdout: %w", err)
	}
	return f, nil
}
