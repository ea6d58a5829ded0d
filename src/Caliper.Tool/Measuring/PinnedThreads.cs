using System.Diagnostics;

namespace Caliper.Tool.Measuring;

/// <summary>Keeps this thread, and those it starts, on the first processors, as many as there are threads; elsewhere than on
/// Linux and Windows nothing happens.</summary>
internal sealed class PinnedThreads : IDisposable
{
    private readonly nint _before;

    public PinnedThreads(int threads)
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsWindows()) return;
        using var process = Process.GetCurrentProcess();
        _before = process.ProcessorAffinity;
        nint mask = 0;
        for (var processor = 0; processor < nint.Size * 8 && threads > 0; processor++)
        {
            if ((_before >> processor & 1) == 0) continue;
            mask |= (nint)1 << processor;
            threads--;
        }
        process.ProcessorAffinity = mask;
    }

    public void Dispose()
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsWindows()) return;
        using var process = Process.GetCurrentProcess();
        process.ProcessorAffinity = _before;
    }
}
