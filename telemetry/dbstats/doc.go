// Package dbstats exports the state of database/sql pools.
//
//	pools, err := meter.Pools()
//	stop, err := dbstats.Observe(pools, "primary", db)
//	defer stop()
//
// It reads sql.DB.Stats when metrics are collected, which asks nothing of the
// database. The package links no driver and no OpenTelemetry SDK, starts no
// goroutine, and does not time queries.
package dbstats
