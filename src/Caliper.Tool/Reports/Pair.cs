namespace Caliper.Tool.Reports;

/// <summary>A figure of the float model and of the int8 model.</summary>
internal sealed record Pair<T>(T Float, T Int8);
