using System.CommandLine;

namespace Caliper.Tool.Options;

/// <summary>Who runs int8 models.</summary>
internal sealed record EngineOptions
{
    /// <summary>The backend by name; null for Caliper's engine, and ONNX Runtime for what that cannot run.</summary>
    public string? Backend { get; init; }

    /// <summary>Whether machine code may be assembled at run time.</summary>
    public bool AssembledCode { get; init; } = true;
}

/// <summary>The command line of <see cref="EngineOptions"/>.</summary>
internal sealed class EngineSymbols
{
    /// <summary>The name of Caliper's own engine.</summary>
    public const string Caliper = "caliper";

    /// <summary>The name of ONNX Runtime.</summary>
    public const string OnnxRuntime = "onnxruntime";

    private readonly Option<string?> _backend = new("--backend")
    {
        HelpName = "caliper|onnxruntime",
        Description = "Who runs int8 models; without it, Caliper's own engine, and ONNX Runtime for what that cannot run",
        CustomParser = Values.OneOf(Caliper, OnnxRuntime),
    };

    private readonly Option<bool> _withoutAssembledCode = new("--no-assembled", "--no-jit")
    {
        Description = "Keeps the engine from assembling machine code at run time; results stay the same",
    };

    public void AddTo(Command command)
    {
        command.Add(_backend);
        command.Add(_withoutAssembledCode);
    }

    public EngineOptions Read(ParseResult line) => new()
    {
        Backend = line.GetValue(_backend),
        AssembledCode = !line.GetValue(_withoutAssembledCode),
    };
}
