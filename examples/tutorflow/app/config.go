package app

import (
	"io"
	"time"

	"github.com/tutorflow/observability/exporters"
)

// Config is what the flags of the command set.
type Config struct {
	// Address is where the API listens; port 0 is any free one.
	Address string
	// Admin is the host:port of a listener for metrics, health, the effective
	// configuration and runtime controls; "" is nowhere, unless the environment
	// or a file says where.
	Admin string
	// Database is the path of a SQLite file or a postgres:// URL; "" stands for
	// store.DefaultFile.
	Database string
	// Traffic is how many synthetic requests a second the service sends to
	// itself, from 0 to traffic.MaxPerSecond.
	Traffic float64
	// ErrorRate is the share of API requests that fail, from 0 to 1.
	ErrorRate float64
	// Slow is how much later every fifth API request is answered.
	Slow time.Duration
	// Log gets the log lines; nil is stdout.
	Log io.Writer
	// Banner gets a few lines about what listens where; nil is nothing.
	Banner io.Writer
	// PartnerLatency scales how long the stand-ins of the partners take; 1 is
	// realistic and 0 is no time at all.
	PartnerLatency float64
	// Exporters can be chosen from besides those of package all.
	Exporters []exporters.Factory
	// CheckInterval is the time between two runs of a health check; 0 stands
	// for 5 s.
	CheckInterval time.Duration
}
