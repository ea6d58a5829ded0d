namespace Caliper.Tool.Options;

/// <summary>How the result is told.</summary>
internal enum OutputFormat
{
    /// <summary>Text for people.</summary>
    Text,

    /// <summary>One JSON document.</summary>
    Json,
}

/// <summary>How the command talks.</summary>
internal sealed record OutputOptions
{
    /// <summary>What is written to stdout.</summary>
    public OutputFormat Format { get; init; } = OutputFormat.Text;

    /// <summary>Whether stderr stays free of progress.</summary>
    public bool HidesProgress { get; init; }
}
