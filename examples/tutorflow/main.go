// Command tutorflow is a small tutoring API that shows how a service uses the
// SDK: bookings, payments, reviews and attendance, on SQLite or PostgreSQL,
// with stand-ins for Kakao and Toss. Log lines go to stdout, all else to stderr.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"github.com/tutorflow/observability/examples/tutorflow/app"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "tutorflow:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	config := app.Config{Banner: os.Stderr, PartnerLatency: 1}
	flags := flag.NewFlagSet("tutorflow", flag.ExitOnError)
	flags.StringVar(&config.Address, "addr", "127.0.0.1:8000", "`address` of the API")
	flags.StringVar(&config.Admin, "admin", "", "`host:port` of a listener for metrics, health, configuration and runtime controls; without a host on localhost")
	flags.StringVar(&config.Database, "db", "", "SQLite `file` or postgres:// URL (default \"tutorflow.db\")")
	flags.Float64Var(&config.Traffic, "traffic", 20, "synthetic `requests` a second to itself, 0 for none")
	flags.Float64Var(&config.ErrorRate, "error-rate", 0, "`share` of API requests that fail with 500, 0 to 1")
	flags.DurationVar(&config.Slow, "slow", 0, "how much `later` every fifth API request is answered")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("argument %q: there are only flags, see -help", flags.Arg(0))
	}
	service, err := app.New(ctx, config)
	if err != nil {
		return err
	}
	return service.Run(ctx)
}
