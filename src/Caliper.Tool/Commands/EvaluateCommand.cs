using System.CommandLine;
using Caliper.Tool.Consoles;
using Caliper.Tool.Options;
using Caliper.Tool.Outputs;

namespace Caliper.Tool.Commands;

/// <summary>The command line of <c>caliper evaluate</c>.</summary>
internal static class EvaluateCommand
{
    public static Command Create(ToolConsole console, CancellationToken cancellationToken)
    {
        var (model, data, engine, talk) = (new ModelSymbols(), new DataSymbols(), new EngineSymbols(), new OutputSymbols());
        var against = new Option<string?>("--against")
        {
            HelpName = "FLOAT",
            Description = "The float model to compare with: agreement, noise, and both accuracies",
        };
        var batches = new Option<int?>("--batches")
        {
            HelpName = "N",
            Description = "Batches to evaluate, their samples evenly spaced over the data; without it, all",
            CustomParser = line => Values.WholeNumber(1)(line),
        };
        var maxDrop = Gate.Symbol();
        var command = new Command("evaluate",
            "Measures Acc@1, Acc@5 and loss of a float or int8 model; with --against, compares two");
        model.AddTo(command);
        command.Add(against);
        data.AddTo(command);
        command.Add(batches);
        command.Add(maxDrop);
        engine.AddTo(command);
        talk.AddTo(command);
        command.Validators.Add(line =>
        {
            // Whether it was given, not its value: a value that is none would throw here, before it is reported.
            if (line.GetResult(maxDrop) is not null && line.GetResult(against) is null)
                line.AddError("--max-accuracy-drop needs --against: a drop is measured between two models.");
        });
        command.SetAction(line => Evaluating.Run(new EvaluateOptions
        {
            Model = model.Read(line),
            Against = line.GetValue(against),
            Data = data.Read(line),
            Batches = line.GetValue(batches),
            MaxAccuracyDrop = line.GetValue(maxDrop),
            Engine = engine.Read(line),
            Talk = talk.Read(line),
        }, console, cancellationToken));
        return command;
    }
}
