package deploy_test

import (
	"fmt"
	"time"

	"github.com/tutorflow/observability/telemetry/config"
)

// closing is how long the example may take to close its parts after the SDK has
// ended: the timeout of app.Close.
const closing = 10 * time.Second

// checkSettings looks for settings that the SDK refuses or warns of, and for an
// end that is cut off.
func checkSettings(s *stack) (problems []string) {
	service := s.project.Services["tutorflow"]
	var environ []string
	for name, value := range service.Environment {
		if value != nil {
			environ = append(environ, name+"="+*value)
		}
	}
	loaded, err := config.Load(environ)
	if err != nil {
		return []string{err.Error()}
	}
	loaded.Config.Service.Name = "tutorflow-api" // as code does
	if err := loaded.Validate(); err != nil {
		problems = append(problems, err.Error())
	}
	problems = append(problems, loaded.Warnings()...)
	end := loaded.Config.Shutdown
	need := end.DrainDelay + end.GracePeriod + end.FlushTimeout + closing
	if given := service.StopGracePeriod; given == nil || time.Duration(*given) <= need {
		problems = append(problems, fmt.Sprintf("tutorflow has %v to end and may need %s", given, need))
	}
	return problems
}
