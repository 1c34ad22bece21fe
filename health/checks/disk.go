package checks

import (
	"context"
	"errors"
	"fmt"

	"github.com/shirou/gopsutil/v4/disk"

	"github.com/tutorflow/observability/health"
)

// Disk fails when less than minFree percent of the file system that holds path is free for
// an unprivileged user. minFree is above 0 and below 100. It is shown as
// components.{name}. Consider health.NonCritical: taking a service out of rotation frees no space.
func Disk(name, path string, minFree float64, opts ...health.Option) health.Check {
	check := health.Check{Name: name, Kind: health.KindOther}
	if path == "" {
		check.Err = errors.New(`path "": must be a path on the file system`)
	}
	if !(minFree > 0 && minFree < 100) { // False for NaN as well.
		check.Err = errors.Join(check.Err, fmt.Errorf("min free %v: must be above 0 and below 100 percent", minFree))
	}
	if check.Err != nil {
		return check.With(opts...)
	}
	check.Run = func(ctx context.Context) error {
		usage, err := disk.UsageWithContext(ctx, path)
		if err != nil {
			return fmt.Errorf("read disk usage: %w", err)
		}
		if free := 100 - usage.UsedPercent; free < minFree {
			return fmt.Errorf("%.1f %% of the disk is free, below %v %%", free, minFree)
		}
		return nil
	}
	return check.With(opts...)
}
