// Package process runs real programs in tests:
//
//	address := "127.0.0.1:" + process.FreePorts(t, 1)[0]
//	process.Start(t, exec.Command(process.Program(t, "prometheus"), "--web.listen-address="+address))
//	ready := process.Eventually(func() bool { status, _ := process.Get("http://" + address + "/-/ready"); return status == 200 })
//
// None of them outlives its test.
package process
