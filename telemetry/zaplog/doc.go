// Package zaplog writes the logs of a TutorFlow service: one JSON object a line,
// with the same standard fields on every line, through zap or log/slog.
//
//	out, err := zaplog.Stdout()
//	if err != nil {
//		return err
//	}
//	logs, err := zaplog.New(zaplog.Config{App: "tutorflow-api", Environment: "production", Version: version}, out)
//	if err != nil {
//		return err
//	}
//	defer logs.Shutdown(ctx)
//	logs.Logger().Info("booking created", zap.Int64("booking_id", id), zaplog.Context(ctx))
//
// # Lines
//
// A line begins with timestamp (RFC 3339, microseconds, UTC), level (DEBUG, INFO,
// WARN or ERROR, which stands for everything above as well), logger, message;
// module (the package's path), function and line of the call; app, environment
// and version; and request_id, trace_id, span_id and user_id as far as the
// context knows them. The fields of the call follow. They cannot displace the
// standard ones: a field with one of those names is written as field.<name>, and
// an open namespace does not swallow them. Of two fields with the same key the
// last one is written. Durations are seconds, times look like the timestamp, and
// a stack trace, where zap was told to take one, is the field stack.
//
// # Context
//
// Context makes the ids of a context a field, FromContext a logger that has it,
// and log/slog passes its context by itself. WithRequestID and WithUser set
// them. A middleware whose context answers RequestKey and LoggerKey spends
// nothing on either; see Request.
//
// # Events
//
// Pipeline.Events has methods for the four events that look alike in every
// service: Request (the access log, which carries no caller fields), Error,
// Business and External.
//
// # Bounds
//
// Logging never waits for the writer. A line is copied to a queue of 8192 lines
// and 8 MiB, whose last eighth is for WARN and above, and written by one
// goroutine. What does not fit, or what the writer refuses, is lost and counted
// by reason: see Pipeline.Dropped. A writer that fails is reported on stderr at
// most every ten seconds. An entry above ERROR, after which zap may end the
// process, waits for its line up to a second.
//
// Nothing is sampled but the access lines of requests that were refused, at more
// than a hundred a second of one route: see Events.Request.
//
// A string is cut at 8 KiB, a key at 128 bytes, a line at 64 KiB by leaving out
// the values that do not fit and at 512 fields, and what is nested at 32 levels;
// such a line says "truncated":true. No key is there twice, also in what is
// nested. Control characters are escaped and invalid UTF-8 is replaced. A value
// whose code panics or that JSON cannot express costs its field only.
//
// # Levels
//
// Pipeline.Level is the level of all loggers. Pipeline.Levels gives one logger
// and those below it another one for a while, after which it reverts by itself:
//
//	err := logs.Levels().Set("tutorflow.db", zapcore.DebugLevel, 10*time.Minute)
//
// # A second destination
//
// Pipeline.Tee sends every line to another zapcore.Core as well, for instance
// to OpenTelemetry through otelzap, with the same fields as on the line and
// redacted likewise. LocalLogger and WithoutTee keep off it what the
// destination itself logs:
//
//	undo := logs.Tee(otelzap.NewCore("tutorflow", otelzap.WithLoggerProvider(provider)))
//
// # Secrets
//
// The value of a key that ends in password, token, secret, authorization, cookie
// and the like is written as [REDACTED], in nested objects, maps, headers and
// structs too; booleans, durations and times are exempt. So is every Secret, and
// every http.Cookie. A *url.URL loses its userinfo, query and fragment. In other
// text is masked what its form gives away: the userinfo of URLs and of MySQL
// DSNs, key=value pairs and JSON members with such a key, parameters of queries
// called code, sig or key, bearer tokens, the credentials of basic
// authentication, and JSON web tokens. In the text of errors the queries of URLs
// are removed.
//
// This is a net under the code that logs, not a licence to log secrets. What
// passes is a secret under a harmless key or in a sentence ("hunter2 is wrong"),
// one that is a part of a path, one in a struct printed without the names of its
// fields (%v), and one that is encoded, such as the bytes of a request's body in
// a struct.
//
// # Limits
//
// There is no console format, no rotation and no sampler. The lines of the
// last moments are lost if the process is killed, or exits without Shutdown.
package zaplog
