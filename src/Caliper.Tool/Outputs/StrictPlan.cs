using Caliper.Tool.Consoles;

namespace Caliper.Tool.Outputs;

/// <summary>
/// The gate <c>--strict</c>: every layer that stays float was asked to. The plan has a reason for each float layer, so what can be
/// missing is only the user's consent.
/// </summary>
internal static class StrictPlan
{
    private const int MostNames = 5;

    /// <summary>Says that there is no plan to judge: passing would promise what nobody looked at.</summary>
    public static void Refuse(string path) =>
        throw new CaliperException($"--strict judges the plan of a float model, and '{path}' has none.");

    /// <summary>The exit code, and one line on stderr where layers stay float unasked.</summary>
    /// <param name="unwanted">Names of those layers.</param>
    /// <param name="console">Takes the line.</param>
    public static int Judge(string[] unwanted, ToolConsole console)
    {
        if (unwanted.Length == 0) return ExitCode.Ok;
        var names = string.Join(", ", unwanted.Take(MostNames).Select(name => $"'{name}'")) + (unwanted.Length > MostNames ? ", …" : ".");
        console.StatusWriter.WriteLine(unwanted.Length == 1
            ? $"caliper: 1 layer stays float and is not excluded: {names}"
            : $"caliper: {unwanted.Length} layers stay float and are not excluded: {names}");
        return ExitCode.Failed;
    }
}
