using Caliper.Tool.Measuring;
using Caliper.Tool.Reports;

namespace Caliper.Tool.Flows;

/// <summary>Forms of one network that compute the same, and what calibrated each; the first is the network as it is.</summary>
internal sealed class NetworkForms(PreparedModel asItIs, SeenData seen) : IDisposable
{
    private readonly Dictionary<PreparedModel, SeenData> _seen = new() { [asItIs] = seen };

    /// <summary>All of them.</summary>
    public List<PreparedModel> All { get; } = [asItIs];

    /// <summary>The data that calibrated.</summary>
    public DataReport? Data { get; } = seen.Data;

    /// <summary>What calibrated a form.</summary>
    public SeenData SeenBy(PreparedModel form) => _seen[form];

    /// <summary>Takes other forms, which are disposed of with this, as the network itself is, and calibrates them.</summary>
    public void Calibrate(IEnumerable<PreparedModel> others, Func<PreparedModel, SeenData> calibrate)
    {
        All.AddRange(others);
        foreach (var form in All.Skip(1)) _seen[form] = calibrate(form);
    }

    /// <summary>Frees all but one, which is used from now on; the network as it is, too, unless it is that.</summary>
    /// <returns>What calibrated it.</returns>
    public SeenData Keep(PreparedModel form)
    {
        foreach (var other in All.Where(f => f != form)) other.Dispose();
        All.RemoveAll(f => f != form);
        var kept = _seen[form];
        _seen.Clear();
        return kept;
    }

    public void Dispose()
    {
        foreach (var form in All) form.Dispose();
    }
}
