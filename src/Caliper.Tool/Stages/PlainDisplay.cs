using Caliper.Evaluation;
using Caliper.Tool.Consoles;

namespace Caliper.Tool.Stages;

/// <summary>One plain line for each stage that is done, for logs: nothing is redrawn.</summary>
internal sealed class PlainDisplay(TextWriter writer) : IStageDisplay
{
    public IStageLine Begin(string stage) => new Line(writer, stage);

    private sealed class Line(TextWriter writer, string stage) : IStageLine
    {
        private int _samples;

        public void Report(EvaluationProgress value) => _samples = value.SamplesDone;

        public void Complete(TimeSpan elapsed)
        {
            var rate = _samples == 0 ? "" : $", {Numbers.Count(_samples)} samples, {Rates.PerSecond(_samples, elapsed)}";
            writer.WriteLine($"{stage}: {Numbers.Duration(elapsed)}{rate}");
        }
    }
}
