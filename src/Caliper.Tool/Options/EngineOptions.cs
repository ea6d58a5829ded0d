namespace Caliper.Tool.Options;

/// <summary>Who runs int8 models.</summary>
internal sealed record EngineOptions
{
    /// <summary>The backend by name; null for Caliper's engine, and ONNX Runtime for what that cannot run.</summary>
    public string? Backend { get; init; }

    /// <summary>Whether machine code may be assembled at run time.</summary>
    public bool GeneratedCode { get; init; } = true;
}
