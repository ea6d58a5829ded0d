using Caliper.Tool.Measuring;

namespace Caliper.Tool.Flows;

/// <summary>Forms of one network that compute the same, and what calibrated each; the first is the network as it is.</summary>
internal sealed class NetworkForms(PreparedModel asItIs, SeenData seen) : IDisposable
{
    private readonly Dictionary<PreparedModel, SeenData> _seen = new() { [asItIs] = seen };

    /// <summary>All of them.</summary>
    public List<PreparedModel> All { get; } = [asItIs];

    /// <summary>What calibrated a form.</summary>
    public SeenData SeenBy(PreparedModel form) => _seen[form];

    /// <summary>Takes other forms, which are disposed of with this, and calibrates them.</summary>
    public void Calibrate(IEnumerable<PreparedModel> others, Func<PreparedModel, SeenData> calibrate)
    {
        All.AddRange(others);
        foreach (var form in All.Skip(1)) _seen[form] = calibrate(form);
    }

    public void Dispose()
    {
        foreach (var form in All.Skip(1)) form.Dispose();
    }
}
