package admin

import (
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"go.uber.org/zap/zapcore"
)

// maxLogger is the length of the longest name of a logger, in bytes.
const maxLogger = 128

func (s *Server) loggerRoutes() []route {
	return []route{
		{"GET /telemetry/loggers", "the log levels", s.listLoggers},
		{"PUT /telemetry/loggers", "?level=debug&for=10m  set the level of all loggers for a time", s.setLogger},
		{"DELETE /telemetry/loggers", "take that back", s.revertLogger},
		{"PUT /telemetry/loggers/{logger}", "?level=debug&for=10m  set the level of one logger for a time", s.setLogger},
		{"DELETE /telemetry/loggers/{logger}", "take that back", s.revertLogger},
	}
}

type loggersBody struct {
	Loggers []loggerBody `json:"loggers"`
}

type loggerBody struct {
	Logger string    `json:"logger"`
	Level  string    `json:"level"`
	Until  time.Time `json:"until,omitzero"`
}

func (s *Server) listLoggers(w http.ResponseWriter, _ *http.Request) {
	body := loggersBody{[]loggerBody{}}
	for _, l := range s.parts.Levels.List() {
		body.Loggers = append(body.Loggers, loggerBody{l.Logger, l.Level.String(), seconds(l.Until)})
	}
	answerJSON(w, body)
}

// seconds is t as bodies have it.
func seconds(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

func (s *Server) setLogger(w http.ResponseWriter, r *http.Request) {
	logger, err := loggerName(r)
	if err != nil {
		refuse(w, err)
		return
	}
	given, err := parameters(r, "level", "for")
	if err != nil {
		refuse(w, err)
		return
	}
	level, err := parseLevel(given["level"])
	if err != nil {
		refuse(w, err)
		return
	}
	lasts, err := expiry(given)
	if err != nil {
		refuse(w, err)
		return
	}
	until := time.Now().Add(lasts)
	if err := s.parts.Levels.Set(logger, level, lasts); err != nil {
		refuse(w, err)
		return
	}
	s.parts.Changed(Change{ControlLogLevel, ActionSet, logger, level.String(), until, r.RemoteAddr})
	s.listLoggers(w, r)
}

func (s *Server) revertLogger(w http.ResponseWriter, r *http.Request) {
	logger, err := loggerName(r)
	if err != nil {
		refuse(w, err)
		return
	}
	if _, err := parameters(r); err != nil {
		refuse(w, err)
		return
	}
	if s.parts.Levels.Revert(logger) {
		s.parts.Changed(Change{Control: ControlLogLevel, Action: ActionRevert, Name: logger, Peer: r.RemoteAddr})
	}
	s.listLoggers(w, r)
}

// loggerName reads the name of a logger, which is empty on the paths for all.
// It may be that of a logger which is yet to be made.
func loggerName(r *http.Request) (string, error) {
	name := r.PathValue("logger")
	if len(name) > maxLogger || !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) {
		return "", fmt.Errorf("logger %.64q: allowed are at most %d bytes of UTF-8 without control characters", name, maxLogger)
	}
	return name, nil
}

func parseLevel(text string) (zapcore.Level, error) {
	level, err := zapcore.ParseLevel(text)
	if err != nil || text == "" || level > zapcore.ErrorLevel {
		return 0, fmt.Errorf("level %.64q: allowed are debug, info, warn and error", text)
	}
	return level, nil
}
