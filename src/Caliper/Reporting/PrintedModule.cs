using Caliper.Graphs;

namespace Caliper.Reporting;

/// <summary>One module of a printed network.</summary>
/// <param name="Name">Its path, with dots.</param>
/// <param name="Kind">Its class in PyTorch's words.</param>
/// <param name="Arguments">What PyTorch prints in parentheses.</param>
/// <param name="Shape">The shape of what it gives; null where that is not known.</param>
/// <param name="Notes">Lines under it.</param>
internal sealed record PrintedModule(string Name, string Kind, string Arguments, Shape? Shape, IEnumerable<string> Notes);
