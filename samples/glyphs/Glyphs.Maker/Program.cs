using Caliper;
using Glyphs;

try
{
    return Commands.Run(args, Console.Out);
}
catch (CaliperException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
