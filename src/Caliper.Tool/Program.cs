using System.Runtime.InteropServices;
using Caliper.Tool;
using Caliper.Tool.Consoles;

using var interruption = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
return CaliperCommand.Run(args, Terminal.StandardOutput(), Terminal.StandardError(), interruption.Token);

// The first signal asks the work to stop and clean up; a second one, sent by someone who cannot wait, ends the process.
void Cancel(PosixSignalContext signal)
{
    if (interruption.IsCancellationRequested) return;
    signal.Cancel = true;
    interruption.Cancel();
}
