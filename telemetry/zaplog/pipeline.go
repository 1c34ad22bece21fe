package zaplog

import (
	"context"
	"fmt"
	"io"
	"sync/atomic"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// rootName is the name of the root logger; those of the events extend it.
const (
	rootName    = "tutorflow"
	requestName = rootName + ".request"
)

// A Pipeline turns log calls into JSON lines and hands them to a writer
// without ever blocking the caller. Create it with New and end it with
// Shutdown. All methods are safe for concurrent use.
type Pipeline struct {
	logger  *zap.Logger
	levels  *Levels
	clock   zapcore.Clock
	core    *core
	queue   *queue
	tee     *tee
	volume  *volume
	closing atomic.Bool
	closed  chan struct{} // closed once shutdownErr is final
	// shutdownErr is the answer of every Shutdown after the first.
	shutdownErr error
}

// New starts a pipeline that writes to w from one goroutine, which Shutdown
// stops. The error names the field of cfg that is wrong; nothing was started
// then.
//
// w needs no locking and is never called by a logging goroutine. It belongs to
// the pipeline: Shutdown calls its Sync and Close methods where it has them,
// except that os.Stdout and os.Stderr stay open. For the standard output pass
// what Stdout returns: writing to os.Stdout itself lets a closed pipe kill the
// process.
func New(cfg Config, w io.Writer, opts ...Option) (*Pipeline, error) {
	level, err := parseLevel(cfg.Level)
	if err != nil {
		return nil, err
	}
	p := &Pipeline{
		levels: newLevels(zap.NewAtomicLevelAt(level)),
		clock:  zapcore.DefaultClock,
		tee:    &tee{},
		closed: make(chan struct{}),
	}
	for _, opt := range opts {
		opt.apply(p)
	}
	p.queue = newQueue(w)
	p.core = &core{levels: p.levels, queue: p.queue, tee: p.tee, service: serviceFields(cfg)}
	p.logger = zap.New(p.core, zap.AddCaller(), zap.WithClock(p.clock)).Named(rootName)
	p.volume = newVolume(p.logger.Named("request").WithOptions(zap.WithCaller(false)))
	go p.queue.run()
	return p, nil
}

// Logger returns the root logger, named tutorflow.
func (p *Pipeline) Logger() *zap.Logger { return p.logger }

// Level returns the level that all loggers of the pipeline share, unless Levels
// says otherwise. Setting it takes effect at once.
func (p *Pipeline) Level() zap.AtomicLevel { return p.levels.base }

// Levels returns what gives single loggers a level of their own for a while.
func (p *Pipeline) Levels() *Levels { return p.levels }

// Dropped calls report once for every reason for which a line can be lost,
// with the number lost since New: queue_full (the writer is too slow),
// write_error (the writer failed), closed (logged or still waiting when Shutdown
// ended) and rate_limited (the access line of a request that was refused, among
// too many; see Events.Request). It only reads atomics and may run in a metric
// callback.
func (p *Pipeline) Dropped(report func(reason string, lines int64)) {
	for reason := range dropReasons {
		report(reason.String(), p.queue.dropped[reason].Load())
	}
}

// Flush waits until every line logged before it has been written or dropped,
// or until ctx ends. It returns the error of the last write, if that failed,
// or the cause of ctx.
func (p *Pipeline) Flush(ctx context.Context) error { return p.queue.flush(ctx) }

// Shutdown sums up the access lines that were left out and writes what is
// queued, then syncs and closes the writer, all within ctx. Lines logged after it began are dropped and counted. It reports the
// error of the last write, of Sync (unless the file cannot be synced, as pipes
// and terminals cannot) and of Close. If ctx ends first, the lines still queued
// are dropped and counted and the error tells how many; a writer that never
// returns from Write keeps its goroutine. Levels set for a while stay.
//
// Only the first call acts; every later one gives its answer.
func (p *Pipeline) Shutdown(ctx context.Context) error {
	if p.closing.CompareAndSwap(false, true) {
		p.levels.close(ctx)
		p.volume.close()
		p.tee.Store(nil)
		p.shutdownErr = p.queue.close(ctx)
		close(p.closed)
		return p.shutdownErr
	}
	select {
	case <-p.closed:
		return p.shutdownErr
	default:
	}
	select {
	case <-p.closed:
		return p.shutdownErr
	case <-ctx.Done():
		return fmt.Errorf("wait for the log's shutdown: %w", context.Cause(ctx))
	}
}
